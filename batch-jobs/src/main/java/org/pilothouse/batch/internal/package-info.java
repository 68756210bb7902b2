/**
 * JBeret as the engine of runs: its environment, its repository, and what its job document names.
 */
@NullMarked
package org.pilothouse.batch.internal;

import org.jspecify.annotations.NullMarked;
