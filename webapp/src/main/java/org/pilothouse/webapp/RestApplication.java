package org.pilothouse.webapp;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** Where the API stands; its resources are the rooms' own. */
@ApplicationPath("/api/v1")
public class RestApplication extends Application {}
