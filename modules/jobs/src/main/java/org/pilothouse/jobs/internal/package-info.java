/**
 * The life of jobs in rows, their messages, and what workers do; nobody outside the room comes here
 * but its resources.
 */
@NullMarked
package org.pilothouse.jobs.internal;

import org.jspecify.annotations.NullMarked;
