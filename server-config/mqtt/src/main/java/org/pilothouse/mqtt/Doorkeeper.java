package org.pilothouse.mqtt;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.MqttActivity;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Retain;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.SharedSubscription;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.connect.ConnectPacket;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who may connect, and grants each identity its topics and nothing else. A device publishes
 * its telemetry and the results of its commands and subscribes to its commands; nothing is
 * retained, so that a late subscriber never gets an old reading for a new one.
 */
final class Doorkeeper implements SimpleAuthenticator {
  private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);
  private static final Duration LONGEST = DeviceDirectory.TIMEOUT.plusSeconds(2);

  private final DeviceDirectory directory;
  private final String bridgeUser;
  private final String bridgePassword;

  Doorkeeper(DeviceDirectory directory, String bridgeUser, String bridgePassword) {
    this.directory = directory;
    this.bridgeUser = bridgeUser;
    this.bridgePassword = bridgePassword;
  }

  @Override
  public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
    ConnectPacket connect = input.getConnectPacket();
    String username = connect.getUserName().orElse("");
    String password = connect.getPassword().map(ClientIds::text).orElse("");
    if (username.equals(bridgeUser)) {
      if (Secrets.same(bridgePassword, password)) {
        admit(new Identity.Bridge(), output);
      } else {
        output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
      }
      return;
    }
    if (username.isEmpty() || password.isEmpty()) {
      output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
      return;
    }
    Async<SimpleAuthOutput> later =
        output.async(LONGEST, TimeoutFallback.FAILURE, ConnackReasonCode.SERVER_UNAVAILABLE);
    CompletableFuture<Void> answered =
        directory
            .authenticate(username, password, connect.getClientId())
            .thenAccept(outcome -> answer(outcome, later.getOutput()));
    answered.whenComplete((nothing, failure) -> {
      if (failure != null) {
        log.error("a connection could not be judged", failure);
        later.getOutput().failAuthentication(ConnackReasonCode.SERVER_UNAVAILABLE);
      }
      later.resume();
    });
  }

  private static void answer(Authentication outcome, SimpleAuthOutput output) {
    switch (outcome) {
      case Authentication.Accepted accepted -> admit(accepted.device(), output);
      case Authentication.Refused refused ->
          output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
      case Authentication.Unavailable away -> {
        log.warn("the deployable cannot be asked who a device is: {}", away.why());
        output.failAuthentication(ConnackReasonCode.SERVER_UNAVAILABLE);
      }
      case Authentication.Busy busy -> output.failAuthentication(ConnackReasonCode.SERVER_BUSY);
    }
  }

  private static void admit(Identity identity, SimpleAuthOutput output) {
    ModifiableDefaultPermissions granted = output.getDefaultPermissions();
    granted.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
    switch (identity) {
      case Identity.Device device -> {
        String own = "pilothouse/" + device.pilot() + '/' + device.device();
        granted.add(permission(own + "/telemetry", MqttActivity.PUBLISH));
        granted.add(permission(own + "/commands/+/result", MqttActivity.PUBLISH));
        granted.add(permission(own + "/commands", MqttActivity.SUBSCRIBE));
      }
      case Identity.Bridge bridge -> {
        granted.add(permission(Backlog.TELEMETRY, MqttActivity.SUBSCRIBE));
        granted.add(permission(Backlog.RESULTS, MqttActivity.SUBSCRIBE));
        granted.add(permission("pilothouse/+/+/commands", MqttActivity.PUBLISH));
      }
    }
    output.authenticateSuccessfully();
  }

  private static TopicPermission permission(String filter, MqttActivity activity) {
    return Builders.topicPermission()
        .topicFilter(filter)
        .type(TopicPermission.PermissionType.ALLOW)
        .activity(activity)
        .qos(TopicPermission.Qos.ALL)
        .retain(Retain.NOT_RETAINED)
        .sharedSubscription(SharedSubscription.NOT_SHARED)
        .build();
  }
}
