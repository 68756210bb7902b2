/** The room's resources under {@code /api/v1}. */
@NullMarked
package org.pilothouse.exports.rest;

import org.jspecify.annotations.NullMarked;
