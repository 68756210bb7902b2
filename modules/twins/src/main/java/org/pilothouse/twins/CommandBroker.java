package org.pilothouse.twins;

/** The MQTT broker that devices get their commands from. */
public record CommandBroker(String host, int port, String user, String password) {}
