@NullMarked
package org.pilothouse.batch.internal;

import org.jspecify.annotations.NullMarked;
