package org.pilothouse.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaCompatibilityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text.replace('\'', '"'));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a property is gone | {'properties':{'a':{'type':'string'}}} | {'properties':{}}"
            + " | /properties/a is gone",
        "a property is newly required | {'properties':{'a':{}}} |"
            + " {'properties':{'a':{}},'required':['a']} | /required/a is new",
        "a property is no longer required | {'required':['a']} | {} | /required/a is gone",
        "the type is another | {'type':'string'} | {'type':'number'} | /type was changed",
        "the type is one of two | {'type':'string'} | {'type':['string','null']} | /type was",
        "a nested type is another | {'properties':{'a':{'items':{'type':'string'}}}} |"
            + " {'properties':{'a':{'items':{'type':'number'}}}} | /properties/a/items/type",
        "a maximum is lower | {'maximum':10} | {'maximum':9} | /maximum is narrower",
        "a maximum is new | {} | {'maxLength':9} | /maxLength is narrower",
        "a minimum is higher | {'minItems':1} | {'minItems':2} | /minItems is narrower",
        "a value is gone | {'enum':['a','b']} | {'enum':['a']} | /enum/b is gone",
        "values are newly listed | {} | {'enum':['a']} | /enum is new",
        "the pattern is another | {'pattern':'a'} | {'pattern':'b'} | /pattern was changed",
        "a format is new | {} | {'format':'date-time'} | /format was changed",
        "the constant is another | {'const':'a'} | {'const':'b'} | /const was changed",
        "other properties are refused | {} | {'additionalProperties':false} |"
            + " /additionalProperties is narrower",
        "other properties are bound | {} | {'additionalProperties':{'type':'string'}} |"
            + " /additionalProperties is narrower",
        "repeats are refused | {} | {'uniqueItems':true} | /uniqueItems is new",
        "the identity is another | {'$id':'urn:a:v1'} | {'$id':'urn:b:v1'} | /$id was changed"
      })
  void shouldSeeTheBreakWhen(String what, String released, String changed, String expected)
      throws Exception {
    assertThat(SchemaCompatibility.breaks(json(released), json(changed)))
        .singleElement()
        .asString()
        .startsWith(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a property is added | {'properties':{'a':{}}} | {'properties':{'a':{},'b':{}}}",
        "a maximum is higher | {'maximum':10} | {'maximum':11}",
        "a bound is gone | {'maxLength':10} | {}",
        "a value is added | {'enum':['a']} | {'enum':['a','b']}",
        "words are better | {'description':'a'} | {'description':'b','title':'c'}"
      })
  void shouldAllowTheChangeWhen(String what, String released, String changed) throws Exception {
    assertThat(SchemaCompatibility.breaks(json(released), json(changed))).isEmpty();
  }
}
