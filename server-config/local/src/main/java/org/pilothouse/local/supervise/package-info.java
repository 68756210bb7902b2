/**
 * The supervisor: one small JVM that starts the planned processes as its children, probes them,
 * restarts the ones that die and stops them in order.
 *
 * <p>It knows no server by name; all it needs is in the plan that the launcher wrote.
 */
@NullMarked
package org.pilothouse.local.supervise;

import org.jspecify.annotations.NullMarked;
