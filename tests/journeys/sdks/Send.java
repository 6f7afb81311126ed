// Sends the event of the standard input with the official SDK of Java: java -cp 'jars/*' Send.java URL MODE

import io.cloudevents.CloudEvent;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;

public class Send {
    public static void main(String[] arguments) throws IOException {
        JsonFormat format = new JsonFormat();
        CloudEvent event = format.deserialize(System.in.readAllBytes());
        HttpURLConnection to = (HttpURLConnection) new URL(arguments[0]).openConnection();
        to.setRequestMethod("POST");
        to.setDoOutput(true);
        MessageWriter<?, ?> writer = HttpMessageFactory.createWriter(to::setRequestProperty, body -> write(to, body));
        if (arguments[1].equals("structured")) {
            writer.writeStructured(event, format);
        } else {
            writer.writeBinary(event);
        }
        if (to.getResponseCode() / 100 != 2) {
            throw new IOException(new String(to.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void write(HttpURLConnection to, byte[] body) {
        try {
            to.getOutputStream().write(body);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
