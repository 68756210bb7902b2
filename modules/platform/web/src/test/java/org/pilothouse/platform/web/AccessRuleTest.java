package org.pilothouse.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

class AccessRuleTest {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final Caller ANONYMOUS = new Caller.Anonymous();
  private static final Caller ADMIN = person("pilot-admin", AURORA);
  private static final Caller OPERATOR = person("pilot-operator", AURORA);
  private static final Caller SUPPORT = person("support-agent", null);
  private static final Caller PLATFORM = person("platform-admin", null);
  private static final Caller DEVICE = new Caller.Device(new DeviceId("d"), AURORA, Set.of());

  private static Caller.Person person(String role, PilotId pilot) {
    return new Caller.Person("ada", Set.of(role), pilot, "00", false);
  }

  private static AccessRule rule(Access.Scope scope, String... roles) {
    return new AccessRule(scope, Set.of(roles), false);
  }

  private static void refused(ProblemCode code, AccessRule rule, Caller caller, String pilot) {
    assertThatThrownBy(() -> rule.check(caller, pilot))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  private static void allowed(AccessRule rule, Caller caller, String pilot) {
    assertThatCode(() -> rule.check(caller, pilot)).doesNotThrowAnyException();
  }

  @Test
  void shouldAskNobodyForWhatIsPublic() {
    allowed(rule(Access.Scope.PUBLIC), ANONYMOUS, null);
  }

  @Test
  void shouldAskForACredentialBeforeAnythingElse() {
    for (Access.Scope scope :
        new Access.Scope[] {
          Access.Scope.PERSON, Access.Scope.PILOT, Access.Scope.DEVICE, Access.Scope.PLATFORM
        }) {
      refused(ProblemCode.UNAUTHENTICATED, rule(scope, "pilot-admin"), ANONYMOUS, "aurora");
    }
  }

  @Test
  void shouldHideAnotherPilotAndRefuseAnotherRole() {
    AccessRule rule = rule(Access.Scope.PILOT, "pilot-admin", "platform-admin");
    allowed(rule, ADMIN, "aurora");
    allowed(rule, PLATFORM, "aurora");
    refused(ProblemCode.NOT_FOUND, rule, ADMIN, "boreas");
    refused(ProblemCode.NOT_FOUND, rule, OPERATOR, "boreas");
    refused(ProblemCode.FORBIDDEN, rule, OPERATOR, "aurora");
    refused(ProblemCode.FORBIDDEN, rule, SUPPORT, "aurora");
    refused(ProblemCode.FORBIDDEN, rule, DEVICE, "aurora");
  }

  @Test
  void shouldLetOnlyThePilotsOwnDevicesReport() {
    AccessRule rule = rule(Access.Scope.DEVICE, "pilot-operator");
    allowed(rule, DEVICE, "aurora");
    allowed(rule, OPERATOR, "aurora");
    refused(ProblemCode.NOT_FOUND, rule, DEVICE, "boreas");
    refused(ProblemCode.FORBIDDEN, rule, ADMIN, "aurora");
  }

  @Test
  void shouldKeepPeopleOfPilotsOutOfThePlatform() {
    AccessRule rule = rule(Access.Scope.PLATFORM, "platform-admin");
    allowed(rule, PLATFORM, null);
    refused(ProblemCode.FORBIDDEN, rule, SUPPORT, null);
    refused(ProblemCode.FORBIDDEN, rule, person("platform-admin", AURORA), null);
  }

  @Test
  void shouldOpenNothingButEnrolmentBeforeIt() {
    Caller fresh = new Caller.Person("ada", Set.of("platform-admin"), null, "00", true);
    refused(ProblemCode.FORBIDDEN, rule(Access.Scope.PERSON), fresh, null);
    allowed(new AccessRule(Access.Scope.PERSON, Set.of(), true), fresh, null);
  }
}
