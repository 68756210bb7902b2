/** Jobs and their schedules over HTTP. */
@NullMarked
package org.pilothouse.jobs.rest;

import org.jspecify.annotations.NullMarked;
