/**
 * The published language: event types, payload records, JSON Schemas, topics and the API document.
 * Programs outside read these; a change here is a change of a promise.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.contracts;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
