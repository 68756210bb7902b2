/**
 * The program that runs one query in a process of its own, and the words between it and the node.
 * It is started with these classes, the engine's library and the writer of spreadsheets on its
 * class path and nothing else: it may use these and the JDK, and no room of the house.
 */
@NullMarked
package org.pilothouse.exports.internal.engine;

import org.jspecify.annotations.NullMarked;
