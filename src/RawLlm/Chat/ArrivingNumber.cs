namespace RawLlm;

/// <summary>A JSON number that may still be incomplete (RFC 8259, section 6).</summary>
/// <param name="first">Its first byte: a minus sign or a digit.</param>
internal struct ArrivingNumber(byte first)
{
    private Part _part = first switch
    {
        (byte)'-' => Part.Minus,
        (byte)'0' => Part.Zero,
        _ => Part.Whole,
    };

    private enum Part
    {
        Minus,
        Zero,
        Whole,
        Point,
        Fraction,
        E,
        ESign,
        Exponent,
    }

    /// <summary>Whether the bytes so far form a complete number.</summary>
    public readonly bool CanEnd => _part is Part.Zero or Part.Whole or Part.Fraction or Part.Exponent;

    /// <summary>Accepts the next byte if the number can continue with it.</summary>
    public bool TryGoOn(byte b)
    {
        if (b is >= (byte)'0' and <= (byte)'9')
        {
            if (_part == Part.Zero)
                return false;
            _part = _part switch
            {
                Part.Minus => b == '0' ? Part.Zero : Part.Whole,
                Part.Point => Part.Fraction,
                Part.E or Part.ESign => Part.Exponent,
                _ => _part,
            };
            return true;
        }
        if (b == '.' && _part is Part.Zero or Part.Whole)
            _part = Part.Point;
        else if (b is (byte)'e' or (byte)'E' && _part is Part.Zero or Part.Whole or Part.Fraction)
            _part = Part.E;
        else if (b is (byte)'+' or (byte)'-' && _part == Part.E)
            _part = Part.ESign;
        else
            return false;
        return true;
    }
}
