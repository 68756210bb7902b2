package org.pilothouse.models.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.pilothouse.kernel.Names;

/** JSON pointers (RFC 6901) that are fit to be shown: long and odd names are cut. */
final class Pointer {
  private Pointer() {}

  static String at(String parent, String name) {
    return parent + "/" + Names.shown(name).replace("~", "~0").replace("/", "~1");
  }

  static String at(String parent, int index) {
    return parent + "/" + index;
  }

  static String of(NodePath path) {
    String pointer = "";
    for (int i = 0; i < path.getNameCount(); i++) {
      pointer = at(pointer, String.valueOf(path.getElement(i)));
    }
    return pointer;
  }

  /** The place as numbers that sort as the document reads. */
  static List<Integer> position(JsonNode document, NodePath path) {
    List<Integer> position = new ArrayList<>(path.getNameCount());
    JsonNode node = document;
    for (int i = 0; i < path.getNameCount(); i++) {
      Object step = path.getElement(i);
      if (step instanceof Integer index) {
        position.add(index);
        node = node.path(index);
      } else {
        String name = String.valueOf(step);
        position.add(indexOf(node, name));
        node = node.path(name);
      }
    }
    return position;
  }

  static int compare(List<Integer> a, List<Integer> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = Integer.compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private static int indexOf(JsonNode object, String name) {
    int index = 0;
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); index++) {
      if (names.next().equals(name)) {
        return index;
      }
    }
    return index;
  }
}
