/** The room's resources: signing in, pilots, devices, people, the audit trail. */
@NullMarked
package org.pilothouse.pilots.rest;

import org.jspecify.annotations.NullMarked;
