package org.pilothouse.platform.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who may call an operation; the same words stand in the API document as {@code x-access}. A
 * resource method without it is refused to everybody.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Access {
  /** How far the operation reaches. */
  Scope scope();

  /** The roles that may call it; where empty, every person that the scope names. */
  String[] roles() default {};

  /** A person who must enrol a one-time-code generator first may call it before that. */
  boolean beforeEnrolment() default false;

  /** How far an operation reaches. */
  enum Scope {
    /** No credential is needed, and none is looked at. */
    PUBLIC,
    /** Any signed-in person. */
    PERSON,
    /** A person of the pilot in the path, or the consortium's staff in one of the roles. */
    PILOT,
    /** As {@link #PILOT}, and the devices of the pilot in the path. */
    DEVICE,
    /** The consortium's staff. */
    PLATFORM,
    /** Another program of the installation; the resource checks its key itself. */
    INTERNAL
  }
}
