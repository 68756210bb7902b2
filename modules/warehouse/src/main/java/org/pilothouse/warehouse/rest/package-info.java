/** Closed days over HTTP. */
@NullMarked
package org.pilothouse.warehouse.rest;

import org.jspecify.annotations.NullMarked;
