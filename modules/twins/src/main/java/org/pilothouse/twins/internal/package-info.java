/** How state, history, graph, thread and commands are kept. For this room alone. */
@NullMarked
package org.pilothouse.twins.internal;

import org.jspecify.annotations.NullMarked;
