package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.pilothouse.contracts.JobQueues;
import org.pilothouse.jobs.JobType;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.rabbit.Topology;
import org.pilothouse.platform.web.Json;

/** The types of job that the node was given, by name. */
public final class JobTypes {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

  private final Map<String, Known> types = Collections.synchronizedMap(new TreeMap<>());

  /** A type, and its parameters' schema made ready. */
  public record Known(JobType type, JsonNode schema, ParameterSchema parameters) {
    public String name() {
      return type.name();
    }
  }

  /**
   * @throws IllegalArgumentException when a name is taken or has another form, or when a schema
   *     cannot be used
   */
  /** Whether it has the form of a type's name. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  void add(JobType type) {
    String name = type.name();
    if (!isName(name)) {
      throw new IllegalArgumentException("'" + name + "' cannot be the name of a type of job");
    }
    JsonNode schema;
    try {
      schema = Json.mapper().readTree(type.parametersSchema());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the schema of " + name + " is not JSON", e);
    }
    Known known = new Known(type, schema, ParameterSchema.of(type.parametersSchema()));
    if (types.putIfAbsent(name, known) != null) {
      throw new IllegalArgumentException("two types of job are called " + name);
    }
  }

  public Collection<Known> all() {
    return List.copyOf(types.values());
  }

  Optional<Known> find(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /**
   * @throws Problem {@code invalid_value}
   */
  Known require(String name) {
    return find(name)
        .orElseThrow(() ->
            Problem.at(
                ProblemCode.INVALID_VALUE,
                "/type",
                "There is no type of job called '" + Names.shown(name) + "'."));
  }

  /** Urgent ones first. */
  List<Lane> lanes() {
    List<Lane> lanes = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      all().forEach(known -> lanes.add(new Lane(known.name(), priority)));
    }
    return lanes;
  }

  Topology topology(String exchange) {
    return new Topology(
        exchange,
        lanes().stream().map(Lane::routingKey).toList(),
        JobQueues.DELIVERY_LIMIT,
        JobQueues.MAX_LENGTH);
  }
}
