package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Person;
import org.pilothouse.pilots.Role;
import org.pilothouse.platform.web.Caller;

class SignInIT {
  private House house;

  @BeforeEach
  void open() {
    house = new House();
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static void assertProblem(ProblemCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  private Caller.Person caller(SignIn.SignedIn in) {
    return (Caller.Person) house.room.authentication().byBearer(in.secret());
  }

  @Test
  void shouldKnowTheCallerWhenTheTokenIsShown() {
    SignIn.SignedIn in = house.token("admin");

    Caller.Person caller = caller(in);

    assertThat(caller.username()).isEqualTo("admin");
    assertThat(caller.roles()).containsExactly("pilot-admin");
    assertThat(caller.pilot()).isEqualTo(House.AURORA);
    assertThat(in.secret()).hasSizeGreaterThanOrEqualTo(43);
  }

  @Test
  void shouldSayTheSameToAWrongPasswordAndToAnUnknownName() {
    List<Problem> problems = new ArrayList<>();
    for (String name : List.of("admin", "nobody", "No Name\u0000")) {
      try {
        house.room.signIn().token(house.attempt(name, "wrong wrong wrong", null));
      } catch (Problem e) {
        problems.add(e);
      }
    }
    assertThat(problems).hasSize(3);
    assertThat(problems).extracting(Problem::code).containsOnly(ProblemCode.WRONG_CREDENTIALS);
    assertThat(problems).extracting(Problem::detail).containsOnly(problems.getFirst().detail());
  }

  @Test
  void shouldLockTheNameAfterFiveFailuresAndLetItInAgainWhenTheWaitIsOver() {
    for (int i = 0; i < 5; i++) {
      assertProblem(
          ProblemCode.WRONG_CREDENTIALS,
          () -> house.room.signIn().token(house.attempt("admin", "wrong wrong wrong", null)));
    }
    assertThatThrownBy(() -> house.token("admin"))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.LOCKED_OUT);
              assertThat(problem.retryAfter())
                  .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(16));
            });
    assertThat(house.token("operator").person().username()).isEqualTo("operator");

    house.clock.pass(Duration.ofSeconds(16));

    assertThat(house.token("admin").person().username()).isEqualTo("admin");
  }

  @Test
  void shouldAskForACodeOnceAGeneratorIsConfirmedAndTakeEachCodeOnce() {
    SignIn.SignedIn in = house.token("platform");
    Caller.Person caller = caller(in);
    SignIn.Enrolment enrolment = house.room.signIn().enrol(caller);
    byte[] secret = unbase32(enrolment.secret());
    house.room.signIn().confirm(caller, code(secret), "192.0.2.1");

    assertProblem(ProblemCode.TOTP_REQUIRED, () -> house.token("platform"));
    // The code that confirmed is used up.
    assertProblem(
        ProblemCode.WRONG_CREDENTIALS,
        () -> house.room.signIn().token(house.attempt("platform", House.PASSWORD, code(secret))));

    house.clock.pass(Duration.ofSeconds(30));
    String fresh = code(secret);
    AtomicInteger entered = new AtomicInteger();
    List<CompletableFuture<Void>> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      both.add(
          CompletableFuture.runAsync(() -> {
            try {
              house.room.signIn().token(house.attempt("platform", House.PASSWORD, fresh));
              entered.incrementAndGet();
            } catch (Problem e) {
              assertThat(e.code()).isEqualTo(ProblemCode.WRONG_CREDENTIALS);
            }
          }));
    }
    both.forEach(CompletableFuture::join);
    assertThat(entered).hasValue(1);
  }

  @Test
  void shouldMakeStaffEnrolFirstWhereItIsRequired() {
    try (Wiring strict = house.node(true)) {
      SignIn.SignedIn in = strict.signIn().token(house.attempt("platform", House.PASSWORD, null));
      assertThat(in.mustEnrol()).isTrue();
      Caller.Person caller = (Caller.Person) strict.authentication().byBearer(in.secret());
      assertThat(caller.mustEnrol()).isTrue();
      byte[] secret = unbase32(strict.signIn().enrol(caller).secret());
      strict.signIn().confirm(caller, code(secret), "192.0.2.1");

      Caller.Person after = (Caller.Person) strict.authentication().byBearer(in.secret());

      assertThat(after.mustEnrol()).isFalse();
    }
  }

  @Test
  void shouldAcceptAChangingRequestOnlyWithTheSessionsToken() {
    SignIn.SignedIn in = house.session("admin", Optional.empty());

    assertThat(house.room.authentication().bySession(in.secret(), null, false).actor())
        .isEqualTo("person:admin");
    assertThat(house.room.authentication().bySession(in.secret(), in.csrfToken(), true).actor())
        .isEqualTo("person:admin");
    assertProblem(
        ProblemCode.CSRF_REJECTED,
        () -> house.room.authentication().bySession(in.secret(), null, true));
    assertProblem(
        ProblemCode.CSRF_REJECTED,
        () -> house.room.authentication().bySession(in.secret(), "x", true));
    assertProblem(
        ProblemCode.UNAUTHENTICATED, () -> house.room.authentication().byBearer(in.secret()));
  }

  @Test
  void shouldEndTheSessionThatTheBrowserCameWith() {
    SignIn.SignedIn before = house.session("admin", Optional.empty());
    assertThat(house.room.authentication().bySession(before.secret(), null, false)).isNotNull();

    SignIn.SignedIn after = house.session("admin", Optional.of(before.secret()));

    assertThat(after.secret()).isNotEqualTo(before.secret());
    assertProblem(
        ProblemCode.UNAUTHENTICATED,
        () -> house.room.authentication().bySession(before.secret(), null, false));
  }

  @Test
  void shouldEndASessionThatWasIdleForTooLong() {
    SignIn.SignedIn in = house.session("admin", Optional.empty());
    house.clock.pass(Duration.ofMinutes(119));
    assertThat(house.room.authentication().bySession(in.secret(), null, false)).isNotNull();
    house.clock.pass(Duration.ofMinutes(119));
    assertThat(house.room.authentication().bySession(in.secret(), null, false)).isNotNull();
    house.clock.pass(Duration.ofMinutes(121));

    assertProblem(
        ProblemCode.UNAUTHENTICATED,
        () -> house.room.authentication().bySession(in.secret(), null, false));
  }

  @Test
  void shouldEndTokensAtTheirTime() {
    SignIn.SignedIn in = house.token("admin");
    house.clock.pass(Duration.ofHours(12));

    assertProblem(ProblemCode.UNAUTHENTICATED, () -> caller(in));
  }

  @Test
  void shouldRefuseATokenAtOnceAfterSigningOut() {
    SignIn.SignedIn in = house.token("admin");
    Caller.Person caller = caller(in);

    house.room.signIn().signOut(caller);

    assertProblem(ProblemCode.UNAUTHENTICATED, () -> caller(in));
  }

  @Test
  void shouldEndTheOthersWhenThePasswordIsChanged() {
    SignIn.SignedIn mine = house.token("admin");
    SignIn.SignedIn other = house.token("admin");
    caller(other);

    house
        .room
        .signIn()
        .changePassword(caller(mine), House.PASSWORD, "another long password", "192.0.2.1");

    assertThat(caller(mine).username()).isEqualTo("admin");
    assertProblem(ProblemCode.UNAUTHENTICATED, () -> caller(other));
    assertProblem(ProblemCode.WRONG_CREDENTIALS, () -> house.token("admin"));
    assertThat(
            house
                .room
                .signIn()
                .token(house.attempt("admin", "another long password", null))
                .person()
                .username())
        .isEqualTo("admin");
  }

  @Test
  void shouldShutTheDoorOnADisabledPerson() {
    SignIn.SignedIn in = house.token("operator");
    caller(in);
    Person before = house.room.people().find(House.admin(), "operator").orElseThrow();

    house
        .room
        .people()
        .update(
            House.admin(),
            "operator",
            "\"" + before.revision() + "\"",
            new People.Change(
                Optional.empty(), Optional.empty(), Optional.of(true), Optional.empty(), false));

    assertProblem(ProblemCode.UNAUTHENTICATED, () -> caller(in));
    assertProblem(ProblemCode.WRONG_CREDENTIALS, () -> house.token("operator"));
  }

  @Test
  void shouldKeepAPilotAdminInsideThePilot() {
    Caller.Person admin = House.admin();
    assertThat(house.room.people().page(admin, "", 10))
        .extracting(Person::username)
        .containsExactly("admin", "operator");
    assertThat(house.room.people().find(admin, "north")).isEmpty();
    assertThat(house.room.people().find(admin, "platform")).isEmpty();
    assertProblem(ProblemCode.FORBIDDEN, () -> add(admin, Role.PLATFORM_ADMIN, Optional.empty()));
    assertProblem(
        ProblemCode.NOT_FOUND, () -> add(admin, Role.PILOT_OPERATOR, Optional.of(House.BOREAS)));
    assertProblem(
        ProblemCode.NOT_FOUND, () -> house.room.people().update(admin, "north", "*", disabled()));
    assertProblem(
        ProblemCode.FORBIDDEN, () -> house.room.people().update(admin, "admin", "*", disabled()));
    assertThat(add(admin, Role.DATA_STEWARD, Optional.empty()).pilot()).contains(House.AURORA);
  }

  @Test
  void shouldNotMixRolesOfStaffAndOfPilots() {
    assertProblem(
        ProblemCode.INVALID_VALUE,
        () -> add(House.platform(), Role.SUPPORT_AGENT, Optional.of(House.AURORA)));
    assertProblem(
        ProblemCode.INVALID_VALUE,
        () -> add(House.platform(), Role.PILOT_OPERATOR, Optional.empty()));
  }

  private Person add(
      Caller.Person caller, Role role, Optional<org.pilothouse.kernel.PilotId> pilot) {
    return house
        .room
        .people()
        .add(caller, new People.Addition("newcomer", "", Set.of(role), pilot, "long enough word"));
  }

  private static People.Change disabled() {
    return new People.Change(
        Optional.empty(), Optional.empty(), Optional.of(true), Optional.empty(), false);
  }

  private String code(byte[] secret) {
    return Totp.code(secret, Math.floorDiv(house.clock.instant().getEpochSecond(), 30), 6);
  }

  private static byte[] unbase32(String text) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    byte[] bytes = new byte[text.length() * 5 / 8];
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      int value = alphabet.indexOf(text.charAt(bit / 5));
      if ((value >> (4 - bit % 5) & 1) == 1) {
        bytes[bit / 8] |= (byte) (1 << (7 - bit % 8));
      }
    }
    return bytes;
  }
}
