package org.pilothouse.local.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.local.Complaint;

class PortPlanTest {

  @Test
  void shouldUseTheDefaultsWhenNothingIsSet() {
    assertThat(PortPlan.from(Map.of())).isEqualTo(new PortPlan(17000, 9080));
  }

  @Test
  void shouldGiveEachServerAPortOfItsOwnInsideTheWidth() {
    PortPlan plan = new PortPlan(18100, 9181);
    List<Integer> ports =
        List.of(
            plan.kafka(),
            plan.kafkaController(),
            plan.postgres(),
            plan.amqp(),
            plan.amqpDistribution(),
            plan.elasticsearch(),
            plan.elasticsearchTransport(),
            plan.s3(),
            plan.mqtt(),
            plan.supervisor(),
            plan.erlangNames(),
            plan.mqttMetrics());
    assertThat(ports)
        .doesNotHaveDuplicates()
        .allMatch(port -> port >= 18100 && port < 18100 + PortPlan.WIDTH);
    assertThat(plan.kafka()).isEqualTo(18100);
    assertThat(plan.mqtt()).isEqualTo(18108);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "80", "65530", "-1"})
  void shouldSayWhatToSetWhenTheBaseIsNotUsable(String base) {
    assertThatThrownBy(() -> PortPlan.from(Map.of("PILOTHOUSE_PORT_BASE", base)))
        .isInstanceOf(Complaint.class);
  }

  @Test
  void shouldRefuseAnHttpPortAmongTheServersPorts() {
    assertThatThrownBy(() -> new PortPlan(9070, 9080))
        .isInstanceOf(Complaint.class)
        .hasMessageContaining("9080");
  }
}
