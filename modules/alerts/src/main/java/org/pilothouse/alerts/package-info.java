/** What is wrong: rules, detectors, the life of an alert. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "models", "twins"})
@NullMarked
package org.pilothouse.alerts;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
