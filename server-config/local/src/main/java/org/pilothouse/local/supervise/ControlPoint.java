package org.pilothouse.local.supervise;

/** How the launcher reaches the supervisor of one home; the token is for this home's owner only. */
public record ControlPoint(int port, String token) {}
