package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/**
 * Tells the platform of a site what its people would: models, names, places, and which machine
 * stands where and feeds what. What is there already stays as it is.
 */
final class Introduction {
  /** Of a larger fleet the others are known by what they report. */
  private static final int MOST_TWINS = 300;

  private static final int LINES = 4;
  private static final String WORKS = "works";

  private final PilothouseApi people;
  private final Site site;
  private final String base;

  Introduction(PilothouseApi people, Site site) {
    this.people = people;
    this.site = site;
    this.base = "/api/v1/pilots/" + site.pilot();
  }

  void make() {
    Set<Machine.Kind> kinds = EnumSet.noneOf(Machine.Kind.class);
    Set<String> lines = new TreeSet<>();
    Set<String> introduced = new TreeSet<>();
    for (Twin twin : site.twins().subList(0, Math.min(MOST_TWINS, site.twins().size()))) {
      kinds.add(twin.kind());
      lines.add(line(twin));
      introduced.add(twin.id());
    }
    for (Machine.Kind kind : kinds) {
      put("/models/" + kind.model(), kind.document(), "application/tm+json", Map.of());
    }
    place(WORKS, site.name() + " works", "site");
    for (String line : lines) {
      place(line, "Line " + line.substring(line.length() - 1).toUpperCase(Locale.ROOT), "line");
      relate(WORKS, "contains", line);
    }
    for (Twin twin : site.twins().subList(0, introduced.size())) {
      machine(twin);
    }
    for (Twin twin : site.twins().subList(0, introduced.size())) {
      relations(twin, introduced);
    }
  }

  private static String line(Twin twin) {
    return "line-" + (char) ('a' + (twin.number() - 1) % LINES);
  }

  private void place(String id, String name, String level) {
    ObjectNode attributes = JsonNodeFactory.instance.objectNode();
    attributes.put("name", name);
    attributes.put("level", level);
    twin(id, null, attributes);
  }

  private void machine(Twin twin) {
    ObjectNode attributes = JsonNodeFactory.instance.objectNode();
    attributes.put("name", twin.kind().title() + " " + twin.number());
    attributes.put("place", WORKS + "/" + line(twin));
    attributes.put("simulated", true);
    twin(twin.id(), twin.kind().model(), attributes);
  }

  private void relations(Twin twin, Set<String> introduced) {
    relate(line(twin), "contains", twin.id());
    switch (twin.kind()) {
      case WIND_TURBINE -> relate(twin, "powers", Machine.Kind.PUMP, introduced);
      case BATTERY -> relate(twin, "powers", Machine.Kind.COMPRESSOR, introduced);
      case COMPRESSOR -> relate(twin, "feeds", Machine.Kind.GAS_TURBINE, introduced);
      case PUMP -> {
        relate(twin, "feeds", Machine.Kind.GAS_TURBINE, introduced);
        relate(twin, "drives", Machine.Kind.BEARING, introduced);
      }
      case BEARING, GAS_TURBINE -> {
        // They end the chains.
      }
    }
  }

  private void relate(Twin twin, String type, Machine.Kind kind, Set<String> introduced) {
    String target = String.format(Locale.ROOT, "%s-%02d", kind.word(), twin.number());
    if (introduced.contains(target)) {
      relate(twin.id(), type, target);
    }
  }

  private void twin(String id, @Nullable String model, ObjectNode attributes) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", model);
    body.set("attributes", attributes);
    String path = "/twins/" + id;
    if (put(path, body.toString(), "application/json", Map.of("If-None-Match", "*"))) {
      return;
    }
    // Known by what it reported, or made by an earlier demo.
    JsonNode there = people.get(base + path);
    if (there.path("attributes").isEmpty() && there.path("model").isNull()) {
      JsonNode ignored = people.patch(base + path, body);
    }
  }

  private void relate(String source, String type, String target) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("type", type);
    body.put("target", target);
    put(
        "/twins/" + source + "/relationships/" + type + "-" + target,
        body.toString(),
        "application/json",
        Map.of());
  }

  /** False where what is there does not allow it: that stays. */
  private boolean put(String path, String body, String mediaType, Map<String, String> headers) {
    try {
      JsonNode ignored = people.put(base + path, body, mediaType, headers);
      return true;
    } catch (ApiProblem problem) {
      if (problem.status() != 409 && problem.status() != 412) {
        throw problem;
      }
      return false;
    }
  }
}
