package org.pilothouse.platform.postgres;

import java.lang.reflect.Array;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Binds arrays with elements of their own type. The driver sends such an array in binary form;
 * jdbi's own are arrays of objects, which it writes, escapes and has the server read as text.
 *
 * <p>It has to be preparable: jdbi asks all factories that are before any that is not, and its own
 * for arrays is.
 */
final class BinaryArrays implements ArgumentFactory.Preparable {
  private static final Map<Type, String> NAMES =
      Map.of(
          String.class, "text",
          Long.class, "int8",
          Integer.class, "int4",
          Double.class, "float8",
          Boolean.class, "bool");

  @Override
  public Optional<Function<Object, Argument>> prepare(Type type, ConfigRegistry config) {
    Class<?> element = element(type);
    String name = element == null ? null : NAMES.get(element);
    if (element == null || name == null) {
      return Optional.empty();
    }
    return Optional.of(value -> {
      Object[] array = array(element, value);
      return (position, statement, context) ->
          statement.setArray(position, statement.getConnection().createArrayOf(name, array));
    });
  }

  private static @Nullable Class<?> element(Type type) {
    if (type instanceof Class<?> array) {
      return array.getComponentType();
    }
    return type instanceof ParameterizedType list
            && list.getRawType() == Iterable.class
            && list.getActualTypeArguments()[0] instanceof Class<?> element
        ? element
        : null;
  }

  private static Object[] array(Class<?> element, Object value) {
    List<@Nullable Object> elements = new ArrayList<>();
    if (value instanceof Iterable<?> iterable) {
      iterable.forEach(elements::add);
    } else {
      elements.addAll(Arrays.asList((Object[]) value));
    }
    return elements.toArray((Object[]) Array.newInstance(element, 0));
  }
}
