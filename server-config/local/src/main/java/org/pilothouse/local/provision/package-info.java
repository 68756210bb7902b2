/**
 * Gets what the stack needs onto the machine: class paths and archives by Maven, packages by
 * apt-get, an unprivileged user, Node, the deployable.
 */
@NullMarked
package org.pilothouse.local.provision;

import org.jspecify.annotations.NullMarked;
