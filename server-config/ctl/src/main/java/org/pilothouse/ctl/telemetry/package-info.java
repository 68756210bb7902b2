/**
 * Telemetry from files: rows and lines of any size become telemetry lines, by a mapping where the
 * file does not name twin, time and properties itself, and are reported batch by batch. The command
 * line calls it; it touches the file, the REST API and a directory for what it remembers.
 */
@NullMarked
package org.pilothouse.ctl.telemetry;

import org.jspecify.annotations.NullMarked;
