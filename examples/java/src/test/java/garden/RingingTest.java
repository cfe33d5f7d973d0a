package garden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class RingingTest {
  @Test
  void findsTheNearestName() {
    assertEquals(Optional.of("Great Tit"), Ringing.read("graet tit"));
  }

  @Test
  void takesNoNameForAnotherThatIsFarFromIt() {
    assertEquals(Optional.empty(), Ringing.read("albatross"));
  }
}
