package org.pilothouse.platform.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.function.Function;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;

/**
 * JSON as the API speaks it: snake_case, RFC 3339 times, and refusing what it does not know: other
 * fields, one key twice, text where a number belongs. Depth, numbers and texts are bounded before
 * anything is built from them.
 */
public final class Json {
  public static final int DEPTH = 64;
  public static final int NUMBER_LENGTH = 100;
  public static final int TEXT_LENGTH = 256 * 1024;
  public static final int NAME_LENGTH = 1024;

  private static final ObjectMapper MAPPER = build();

  private Json() {}

  /** One for the whole process; it must not be configured further. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  private static ObjectMapper build() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxNumberLength(NUMBER_LENGTH)
                    .maxStringLength(TEXT_LENGTH)
                    .maxNameLength(NAME_LENGTH)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();
    SimpleModule ids = new SimpleModule("ids");
    ids.addSerializer(PilotId.class, ToStringSerializer.instance);
    ids.addSerializer(DeviceId.class, ToStringSerializer.instance);
    ids.addSerializer(TwinId.class, ToStringSerializer.instance);
    ids.addDeserializer(PilotId.class, new IdReader<>(PilotId.class, PilotId::new));
    ids.addDeserializer(DeviceId.class, new IdReader<>(DeviceId.class, DeviceId::new));
    ids.addDeserializer(TwinId.class, new IdReader<>(TwinId.class, TwinId::new));
    return JsonMapper.builder(factory)
        .addModule(new JavaTimeModule())
        .addModule(ids)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .build();
  }

  private static final class IdReader<T> extends FromStringDeserializer<T> {
    private static final long serialVersionUID = 1L;

    private final transient Function<String, T> reader;

    IdReader(Class<T> type, Function<String, T> reader) {
      super(type);
      this.reader = reader;
    }

    @Override
    protected T _deserialize(
        String value, com.fasterxml.jackson.databind.DeserializationContext context) {
      return reader.apply(value);
    }
  }
}
