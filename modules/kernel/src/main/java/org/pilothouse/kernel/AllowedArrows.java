package org.pilothouse.kernel;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rooms that a room may use, written where its door is. The build reads it and refuses every
 * other arrow; {@code "platform"} stands for all adapters, {@code "*"} (composition only) for every
 * room.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PACKAGE)
public @interface AllowedArrows {
  /** Names of rooms, as their packages are called below {@code org.pilothouse}. */
  String[] value();
}
