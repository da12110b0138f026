import java.io.FileInputStream;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

// What veraPDF says of PDF files: for each a line with the flavour that it claims to be and whether it is, then what fails.
public class Verify {
  public static void main(String[] files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    LogManager.getLogManager().reset();
    for (String file : files) {
      try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file))) {
        ValidationResult result =
            Foundries.defaultInstance().createValidator(parser.getFlavour(), false).validate(parser);
        System.out.println(parser.getFlavour() + " " + result.isCompliant());
        for (TestAssertion one : result.getTestAssertions()) {
          if (one.getStatus() == TestAssertion.Status.FAILED) {
            System.out.println("  " + one.getRuleId().getClause() + " " + one.getMessage());
          }
        }
      }
    }
  }
}
