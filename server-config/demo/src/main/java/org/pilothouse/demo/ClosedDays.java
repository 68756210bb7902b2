package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/** A site's past days, closed, and the last of them corrected by what came late. */
final class ClosedDays {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration LATE_PATIENCE = Duration.ofMinutes(1);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
  private static final int NOON = 12;

  private final PilothouseApi people;
  private final Site site;
  private final Consumer<String> said;

  ClosedDays(PilothouseApi people, Site site, Consumer<String> said) {
    this.people = people;
    this.site = site;
    this.said = said;
  }

  /** The last days that are over by the site's own clock, the oldest first. */
  static List<LocalDate> over(Site site, int days, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, site.zone());
    return today.minusDays(days).datesUntil(today).toList();
  }

  /** When the first of these days begins, at whichever site it does so first. */
  static Instant begin(List<Site> sites, int days, Instant now) {
    return sites.stream()
        .map(site ->
            LocalDate.ofInstant(now, site.zone())
                .minusDays(days)
                .atStartOfDay(site.zone())
                .toInstant())
        .min(Instant::compareTo)
        .orElse(now);
  }

  /** The middle of the last day, when a gateway lost its connection. */
  static Instant noon(Site site, Instant now) {
    return LocalDate.ofInstant(now, site.zone())
        .minusDays(1)
        .atTime(NOON, 0)
        .atZone(site.zone())
        .toInstant();
  }

  /** Asks for all of them; one that is closed already stays as it is. */
  void begin(List<LocalDate> days) {
    for (LocalDate day : days) {
      JsonNode ignored =
          people.post(dumps(), JsonNodeFactory.instance.objectNode().put("date", day.toString()));
    }
  }

  /** Waits for them. */
  void await(List<LocalDate> days) throws InterruptedException {
    for (LocalDate day : days) {
      tell(untilClosed(day));
    }
  }

  /** Something of the day has come since it was closed. */
  void correct(LocalDate day) throws InterruptedException {
    long end = System.nanoTime() + LATE_PATIENCE.toNanos();
    while (true) {
      try {
        JsonNode ignored =
            people.post(
                dumps() + "/" + day + "/corrections", JsonNodeFactory.instance.objectNode());
        tell(untilClosed(day));
        return;
      } catch (ApiProblem problem) {
        // Nobody has seen it yet, or it was there before.
        if (problem.status() != 409 || System.nanoTime() > end) {
          said.accept(
              String.format(Locale.ROOT, "  %s %s: %s", site.pilot(), day, problem.getMessage()));
          return;
        }
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  private String dumps() {
    return "/api/v1/pilots/" + site.pilot() + "/dumps";
  }

  private JsonNode newest(LocalDate day) {
    return people.get(dumps() + "/" + day).path("revisions").path(0);
  }

  private JsonNode untilClosed(LocalDate day) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode newest = newest(day);
      if (!newest.path("state").asText().equals("running")) {
        return newest;
      }
      if (System.nanoTime() > end) {
        throw new ApiProblem(0, "timeout", site.pilot() + " " + day + " is not closed: " + newest);
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  private void tell(JsonNode dump) {
    said.accept(
        String.format(
            Locale.ROOT,
            "  %-10s %s  revision %d  %-10s %,10d events in %d files",
            site.pilot(),
            dump.path("date").asText(),
            dump.path("revision").asInt(),
            dump.path("state").asText(),
            dump.path("events").asLong(),
            dump.path("parts").asInt()));
  }
}
