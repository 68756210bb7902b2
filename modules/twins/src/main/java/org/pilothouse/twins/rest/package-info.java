/** Twins over HTTP. */
@NullMarked
package org.pilothouse.twins.rest;

import org.jspecify.annotations.NullMarked;
