/** How exports work; nobody outside of the room touches it. */
@NullMarked
package org.pilothouse.exports.internal;

import org.jspecify.annotations.NullMarked;
