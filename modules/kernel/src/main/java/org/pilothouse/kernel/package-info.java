/**
 * Ids, time, outcomes, problem codes and what needs the installation's key. Everything may use it;
 * it uses nothing of the house.
 */
@AllowedArrows({})
@NullMarked
package org.pilothouse.kernel;

import org.jspecify.annotations.NullMarked;
