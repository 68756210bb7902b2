/**
 * Tests of the deployable from outside: a managed Open Liberty, the local stack's servers, and
 * plain sockets. {@code ./pilothouse test it} brings the servers up and says where they are.
 */
@NullMarked
package org.pilothouse.webapp.it;

import org.jspecify.annotations.NullMarked;
