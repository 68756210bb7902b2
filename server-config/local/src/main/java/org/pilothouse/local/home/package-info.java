/**
 * What a local installation keeps: where its files lie, which ports it has, its secrets and the
 * files that tell others how to reach it.
 */
@NullMarked
package org.pilothouse.local.home;

import org.jspecify.annotations.NullMarked;
