/** What each word after {@code ./pilothouse} does. */
@NullMarked
package org.pilothouse.local.command;

import org.jspecify.annotations.NullMarked;
