/** Ingest's REST resources: thin doors to what stands in the room. */
@NullMarked
package org.pilothouse.ingest.rest;

import org.jspecify.annotations.NullMarked;
