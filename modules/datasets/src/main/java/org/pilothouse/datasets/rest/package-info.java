/** The hold's resources under {@code /api/v1}. */
@NullMarked
package org.pilothouse.datasets.rest;

import org.jspecify.annotations.NullMarked;
