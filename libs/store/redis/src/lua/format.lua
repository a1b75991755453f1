-- The format of the data; that of whoever asks first.
--! frees
--! keys format
--! args version
call('SET', format, version, 'NX')
return call('GET', format)
