/**
 * The program behind {@code ./pilothouse}: reads the command line and hands it to one command.
 *
 * <p>It talks to processes, files and loopback ports only; it uses no other module of the platform,
 * so it can be built first and alone.
 */
@NullMarked
package org.pilothouse.local;

import org.jspecify.annotations.NullMarked;
