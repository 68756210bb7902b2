package org.pilothouse.twins.rest;

import com.fasterxml.jackson.databind.util.RawValue;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.twins.Twin;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.History;
import org.pilothouse.twins.internal.HistoryStore;
import org.pilothouse.twins.internal.ModelRules;
import org.pilothouse.twins.internal.Twins;

/** What a twin reported over time. */
@Path("/pilots/{pilot}/twins/{twin}/history")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class HistoryResource {
  private static final int MOST_PROPERTIES = 16;
  private static final int ENOUGH_POINTS = 2_000;
  private static final Duration USUAL = Duration.ofHours(1);
  private static final Duration LONGEST = Duration.ofDays(3_660);
  private static final int MINUTE = 60;

  /** Lengths that people read easily, in seconds. */
  private static final List<Integer> ROUND_STEPS =
      List.of(
          1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
          86_400, 172_800, 604_800);

  private final Twins twins;
  private final History history;
  private final PilotDirectory pilots;
  private final ModelRules rules;
  private final Clock clock;

  @Inject
  public HistoryResource(TwinsModule module, PilotDirectory pilots, Clock clock) {
    this.twins = module.inside().twins();
    this.history = module.inside().history();
    this.pilots = pilots;
    this.rules = module.inside().rules();
    this.clock = clock;
  }

  /** As in the API document. */
  public record HistoryBody(
      Instant from,
      Instant to,
      @Nullable Integer step,
      @Nullable Instant closedDaysUntil,
      List<SeriesBody> series) {}

  /** One property. */
  public record SeriesBody(
      String property, @Nullable String unit, boolean truncated, List<List<Object>> points) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public HistoryBody getTwinHistory(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("property") @Nullable String property,
      @QueryParam("from") @Nullable String fromText,
      @QueryParam("to") @Nullable String toText,
      @QueryParam("step") @Nullable String stepText) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    Twin twin = twins.find(pilot, TwinPaths.twin(id)).orElseThrow(Twins::notFound);
    Instant to = Parameters.time("to", toText).orElseGet(clock::instant);
    Instant from = Parameters.time("from", fromText).orElseGet(() -> to.minus(USUAL));
    Duration window = Duration.between(from, to);
    if (window.isNegative() || window.isZero() || window.compareTo(LONGEST) > 0) {
      throw Problem.at(
          ProblemCode.INVALID_TIME,
          "from",
          "from must be before to, by at most " + LONGEST.toDays() + " days.");
    }
    Optional<Integer> step = Parameters.text("step", stepText, 16).map(text -> step(text, window));
    List<String> properties = properties(pilot, twin.id(), property);
    if (step.isPresent()) {
      int seconds = step.get();
      refuseTooManySteps(window, seconds, properties.size());
      return body(
          pilot,
          twin,
          from,
          to,
          seconds,
          history.steps(pilot, twin.id(), properties, from, to, seconds),
          each ->
              List.of(
                  each.start().toString(), each.low(), each.average(), each.high(), each.count()));
    }
    return body(
        pilot,
        twin,
        from,
        to,
        null,
        history.readings(pilot, twin.id(), properties, from, to),
        each -> {
          RawValue value = new RawValue(each.literal());
          return List.of(each.time().toString(), value, value, value, 1);
        });
  }

  private <T> HistoryBody body(
      PilotId pilot,
      Twin twin,
      Instant from,
      Instant to,
      @Nullable Integer step,
      History.Series<T> series,
      Function<T, List<Object>> point) {
    List<SeriesBody> bodies = new ArrayList<>(series.byProperty().size());
    series
        .byProperty()
        .forEach((property, part) ->
            bodies.add(
                new SeriesBody(
                    property,
                    twin.model().map(model -> rules.unit(pilot, model, property)).orElse(null),
                    part.truncated(),
                    part.items().stream().map(point).toList())));
    return new HistoryBody(from, to, step, series.closedDaysUntil(), bodies);
  }

  private List<String> properties(PilotId pilot, TwinId twin, @Nullable String asked) {
    Optional<String> text = Parameters.text("property", asked, 2_048);
    if (text.isEmpty()) {
      return history.numericProperties(pilot, twin, MOST_PROPERTIES);
    }
    Set<String> names = new LinkedHashSet<>(List.of(text.get().split(",", -1)));
    if (names.size() > MOST_PROPERTIES || names.contains("")) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "property",
          "property takes 1 to " + MOST_PROPERTIES + " names, separated by commas.");
    }
    return List.copyOf(names);
  }

  private static int step(String text, Duration window) {
    if (text.equals("auto")) {
      long least = Math.ceilDiv(window.toSeconds(), ENOUGH_POINTS);
      return ROUND_STEPS.stream()
          .filter(round -> round >= least)
          .findFirst()
          .orElse(ROUND_STEPS.getLast());
    }
    int step;
    try {
      step = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      step = 0;
    }
    if (step < 1 || (step > MINUTE && step % MINUTE != 0)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "step",
          "step is a number of seconds, beyond a minute of whole minutes, or auto.");
    }
    return step;
  }

  private static void refuseTooManySteps(Duration window, int step, int properties) {
    long most =
        Math.min(
            HistoryStore.MOST_POINTS, HistoryStore.MOST_POINTS_IN_ALL / Math.max(1, properties));
    if (window.toSeconds() / step > most) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "step",
          "The window has more than "
              + most
              + " such steps: ask for longer ones or fewer properties.");
    }
  }
}
