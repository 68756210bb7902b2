/** The room's resource: the models of a pilot. */
@NullMarked
package org.pilothouse.models.rest;

import org.jspecify.annotations.NullMarked;
