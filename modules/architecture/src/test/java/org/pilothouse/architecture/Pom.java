package org.pilothouse.architecture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** What the rules need of a pom.xml. */
record Pom(String artifactId, List<String> modules, List<Uses> dependencies) {

  /** One dependency; the scope is Maven's, {@code compile} where none is written. */
  record Uses(String groupId, String artifactId, String scope) {}

  static Pom read(Path file) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Element project = factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
      List<String> modules = new ArrayList<>();
      for (Element list : children(project, "modules")) {
        children(list, "module").forEach(module -> modules.add(module.getTextContent().trim()));
      }
      List<Uses> dependencies = new ArrayList<>();
      for (Element list : children(project, "dependencies")) {
        for (Element dependency : children(list, "dependency")) {
          dependencies.add(
              new Uses(
                  text(dependency, "groupId", ""),
                  text(dependency, "artifactId", ""),
                  text(dependency, "scope", "compile")));
        }
      }
      return new Pom(text(project, "artifactId", ""), modules, dependencies);
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
  }

  private static String text(Element parent, String name, String otherwise) {
    return children(parent, name).stream()
        .findFirst()
        .map(child -> child.getTextContent().trim())
        .orElse(otherwise);
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }
}
