package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.internal.Lifecycle;
import org.pilothouse.datasets.internal.Uploads;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.JsonFields;

/** Reads what callers say of datasets, and says by its path what is wrong with it. */
final class DatasetFields {
  static final int LONGEST_RETENTION = 36_500;
  static final int MOST_PARTS = 10_000;

  private static final int MOST_TAGS = 32;
  private static final int MOST_INPUTS = 100;
  private static final int LONGEST_TAG = 256;

  /** RFC 6838, section 4.2, with parameters. */
  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,62}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,62}"
              + "( ?; ?[A-Za-z0-9!#$&^_.+-]{1,32}=\"?[A-Za-z0-9!#$&^_.+:-]{1,64}\"?){0,2}");

  private static final Pattern TAG_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
  private static final Set<String> CLASSIFICATIONS =
      Set.of("public", "internal", "confidential", "restricted");
  private static final Set<String> YES_OR_NO = Set.of("personal_data", Dataset.LEGAL_HOLD);
  private static final Set<String> TEXTS = Set.of("licence", "owner", "purpose");

  private DatasetFields() {}

  static NewDataset newDataset(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    String name = fields.text("name", 1, 256);
    String type = fields.text("media_type", 3, 127);
    if (!MEDIA_TYPE.matcher(type).matches()) {
      throw fields.invalid("media_type", "must be a media type such as text/csv");
    }
    long size = size(fields, body);
    Optional<Checksum> checksum = checksum(fields);
    Optional<String> schema = fields.optionalText("schema_ref", 1, 512);
    Map<String, Object> tags = tags(fields, body, Map.of());
    List<DatasetId> inputs =
        fields.optionalObject("lineage").map(DatasetFields::inputs).orElse(List.of());
    Optional<Integer> retention = fields.optionalInteger("retention_days", 1, LONGEST_RETENTION);
    URI objectUri =
        fields.optionalText("object_uri", 1, 1024).map(text -> uri(fields, text)).orElse(null);
    fields.refuseOthers();
    return new NewDataset(
        name,
        type,
        size,
        checksum,
        schema.orElse(null),
        tags,
        new Dataset.Lineage(
            inputs, objectUri == null ? Dataset.Maker.UPLOAD : Dataset.Maker.REGISTRATION, null),
        retention.orElse(null),
        objectUri);
  }

  private static URI uri(JsonFields fields, String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw fields.invalid(
          "object_uri", "must be a URI such as s3://bucket/key, encoded by RFC 3986");
    }
  }

  private static long size(JsonFields fields, JsonNode body) {
    if (!fields.has("size_bytes") || fields.isNull("size_bytes")) {
      throw fields.missing("size_bytes");
    }
    JsonNode size = body.get("size_bytes");
    if (!size.isIntegralNumber()
        || size.bigIntegerValue().signum() < 0
        || size.bigIntegerValue().compareTo(BigInteger.valueOf(NewDataset.LARGEST)) > 0) {
      throw fields.invalid("size_bytes", "must be a whole number from 0 to " + NewDataset.LARGEST);
    }
    return size.longValue();
  }

  static Optional<Checksum> checksum(JsonFields fields) {
    return fields
        .optionalText("checksum", 1, 71)
        .map(text ->
            Checksum.parse(text)
                .orElseThrow(() ->
                    fields.invalid(
                        "checksum", "must be a SHA-256: sha256: and 64 hexadecimal digits")));
  }

  private static List<DatasetId> inputs(JsonFields lineage) {
    List<String> inputs = lineage.optionalTexts("inputs", MOST_INPUTS, 63).orElse(List.of());
    lineage.refuseOthers();
    List<DatasetId> ids = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      if (!Names.isId(inputs.get(i))) {
        throw Problem.at(
            ProblemCode.INVALID_ID, "/lineage/inputs/" + i, "That is not the id of a dataset.");
      }
      ids.add(new DatasetId(inputs.get(i)));
    }
    return ids.stream().distinct().toList();
  }

  /** What is said from now on, by RFC 7396. */
  static Lifecycle.Change change(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    boolean tagsGiven = fields.has("tags");
    if (fields.isNull("tags")) {
      throw fields.invalid("tags", "must be an object: each tag that is to go is null in it");
    }
    boolean schemaGiven = fields.has("schema_ref");
    Optional<String> schema = fields.optionalText("schema_ref", 1, 512);
    boolean retentionGiven = fields.has("retention_days");
    Optional<Integer> retention = fields.optionalInteger("retention_days", 1, LONGEST_RETENTION);
    fields.refuseOthers();
    return before ->
        new Lifecycle.Said(
            tagsGiven ? tags(fields, body, before.tags()) : before.tags(),
            schemaGiven ? schema.orElse(null) : before.schemaRef(),
            retentionGiven ? retention.orElse(null) : before.retentionDays());
  }

  /** The tags of the body merged into those before. */
  private static Map<String, Object> tags(
      JsonFields fields, JsonNode body, Map<String, Object> before) {
    var unused = fields.optionalObject("tags");
    Map<String, Object> tags = new TreeMap<>(before);
    JsonNode given = body.path("tags");
    for (Iterator<Map.Entry<String, JsonNode>> each = given.fields(); each.hasNext(); ) {
      Map.Entry<String, JsonNode> tag = each.next();
      String path = "/tags/" + Names.shown(tag.getKey()).replace("~", "~0").replace("/", "~1");
      if (!TAG_NAME.matcher(tag.getKey()).matches()) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE,
            path,
            "A tag's name begins with a small letter and holds at most 63 small letters, digits, _"
                + " and -.");
      }
      if (tag.getValue().isNull()) {
        tags.remove(tag.getKey());
      } else {
        tags.put(tag.getKey(), tag(path, tag.getKey(), tag.getValue()));
      }
    }
    if (tags.size() > MOST_TAGS) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "/tags", "There may be at most " + MOST_TAGS + " tags.");
    }
    return tags;
  }

  private static Object tag(String path, String name, JsonNode value) {
    if (YES_OR_NO.contains(name) && !value.isBoolean()) {
      throw Problem.at(ProblemCode.INVALID_VALUE, path, name + " must be true or false.");
    }
    if (TEXTS.contains(name) && !value.isTextual()) {
      throw Problem.at(ProblemCode.INVALID_VALUE, path, name + " must be a text.");
    }
    if (name.equals("classification")
        && !(value.isTextual() && CLASSIFICATIONS.contains(value.textValue()))) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          path,
          "classification must be public, internal, confidential or restricted.");
    }
    Object read =
        switch (value.getNodeType()) {
          case STRING -> text(value.textValue());
          case BOOLEAN -> value.booleanValue();
          case NUMBER -> number(value);
          default -> null;
        };
    if (read == null) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          path,
          "A tag is a text of at most "
              + LONGEST_TAG
              + " characters without control characters, a number, true or false.");
    }
    return read;
  }

  private static @Nullable Object text(String text) {
    return JsonFields.isPrintable(text) && text.codePointCount(0, text.length()) <= LONGEST_TAG
        ? text
        : null;
  }

  private static @Nullable Object number(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.canConvertToLong() ? value.longValue() : null;
    }
    return Double.isFinite(value.doubleValue()) ? value.doubleValue() : null;
  }

  /** What a completion says. */
  record Completion(List<Uploads.SentPart> parts, Optional<Checksum> checksum) {}

  static Completion completion(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    if (!fields.has("parts") || fields.isNull("parts")) {
      throw fields.missing("parts");
    }
    Optional<Checksum> checksum = checksum(fields);
    fields.refuseOthers();
    JsonNode parts = body.get("parts");
    if (!parts.isArray() || parts.isEmpty() || parts.size() > MOST_PARTS) {
      throw fields.invalid("parts", "must be a list of 1 to " + MOST_PARTS + " parts");
    }
    List<Uploads.SentPart> sent = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      sent.add(part(parts.get(i), i));
    }
    return new Completion(sent, checksum);
  }

  private static Uploads.SentPart part(JsonNode part, int index) {
    String path = "/parts/" + index;
    if (!part.isObject()) {
      throw Problem.at(ProblemCode.INVALID_VALUE, path, "A part must be an object.");
    }
    for (Iterator<String> names = part.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!name.equals("number") && !name.equals("etag")) {
        throw Problem.at(
            ProblemCode.UNKNOWN_FIELD,
            path + "/" + Names.shown(name),
            "The field " + Names.shown(name) + " is not known.");
      }
    }
    JsonNode number = part.path("number");
    if (!number.isInt() || number.intValue() != index + 1) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          path + "/number",
          "Parts come by number, from 1 without a gap and each once; here belongs "
              + (index + 1)
              + ".");
    }
    JsonNode etag = part.path("etag");
    if (!etag.isTextual() || etag.textValue().isEmpty() || etag.textValue().length() > 128) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          path + "/etag",
          "etag must be a text of 1 to 128 characters, as object storage answered it.");
    }
    return new Uploads.SentPart(index + 1, etag.textValue());
  }
}
