/** Twins, their history, thread and commands over HTTP. */
@NullMarked
package org.pilothouse.twins.rest;

import org.jspecify.annotations.NullMarked;
