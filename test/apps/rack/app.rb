require "bundler/setup"
require "rack"
require "rackup/handler/webrick"

app = Rack::Builder.new do
  use Rack::ContentLength
  run ->(env) { [200, { "content-type" => "text/plain" }, ["hello, #{Rack::Request.new(env).params["name"]}"]] }
end

trap("TERM") { Rackup::Handler::WEBrick.shutdown }
Rackup::Handler::WEBrick.run(app.to_app, Host: "0.0.0.0", Port: ENV.fetch("PORT"))
