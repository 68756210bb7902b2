@NullMarked
package org.pilothouse.warehouse.internal;

import org.jspecify.annotations.NullMarked;
