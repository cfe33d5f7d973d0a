package garden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FeederTest {
  @Test
  void addsUpTheVisits() {
    assertEquals(
        "{\"visits\":2,\"total_grams\":7}",
        Feeder.summary("[{\"bird\":\"robin\",\"grams\":3},{\"bird\":\"robin\",\"grams\":4}]"));
  }

  @Test
  void aDayWithoutVisits() {
    assertEquals("{\"visits\":0,\"total_grams\":0}", Feeder.summary("[]"));
  }
}
